"""Where the files stand that travel with the code: beside the package in a checkout, inside it in a built wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE if (PACKAGE / "pages").is_dir() else PACKAGE.parent

PAGES = ROOT / "pages"
ASSETS = ROOT / "assets"
DOCS = ROOT / "docs"
SETTINGS = ROOT / ".streamlit" / "config.toml"
MAIN = PACKAGE / "ui" / "main.py"
