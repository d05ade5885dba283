"""Check your pipeline: drop a file with what your retrieval pipeline did, read the verdict, take the report home."""

from tutor.ui.labs.retrieval import evidence_upload
from tutor.ui.run_views import catalog
from tutor.ui.shell.prose import PageText

text = PageText("check")
text.open()
evidence_upload.show_upload()
text.begin("How the verdict comes about", "verdict")
catalog.draw_link("retriever", "See it happen in a pipeline of ours: Retriever doctor", "stethoscope")
