"""Claims of the papers, measured. A new study is one file here and one entry in STUDIES."""

from tutor.studies.belongs import Belongs
from tutor.studies.beyond_tuning_length import BeyondTuningLength
from tutor.studies.collapse import Collapse
from tutor.studies.compose import Compose
from tutor.studies.depth import Depth
from tutor.studies.drawn_flips import DrawnFlips
from tutor.studies.elicit import Elicit
from tutor.studies.equal_parameters import EqualParameters
from tutor.studies.first_token import FirstToken
from tutor.studies.forgetting import Forgetting
from tutor.studies.initialisation import Initialisation
from tutor.studies.large_net import LargeNet
from tutor.studies.length import Length
from tutor.studies.localisation import Localisation
from tutor.studies.long_prefix import LongPrefix
from tutor.studies.low_data import LowData
from tutor.studies.narrow_embedding import NarrowEmbedding
from tutor.studies.new_attention import NewAttention
from tutor.studies.off_distribution import OffDistribution
from tutor.studies.order import Order
from tutor.studies.placement import PlacementMatters
from tutor.studies.presets import FAST, PAPER, PRESETS, Preset
from tutor.studies.priors_move import PriorsMove
from tutor.studies.random_to_mixture import RandomToMixture
from tutor.studies.random_to_single import RandomToSingle
from tutor.studies.reparametrisation import Reparametrisation
from tutor.studies.retriever_or_prompt import RetrieverOrPrompt
from tutor.studies.small_or_brief import SmallOrBrief
from tutor.studies.study import AbstractStudy
from tutor.studies.study_result import estimate_seconds, list_missing, make_result, read_kept_result
from tutor.studies.sufficient_statistics import SufficientStatistics
from tutor.studies.suffix import Suffix
from tutor.studies.task_clusters import TaskClusters
from tutor.studies.tiny_language import TinyLanguageReads
from tutor.studies.transfers import Transfers
from tutor.studies.universality import Universality
from tutor.studies.unsupported_target import UnsupportedTarget
from tutor.studies.untrained import Untrained
from tutor.studies.waywardness import Waywardness

STUDIES: dict[str, AbstractStudy] = {
    study.name: study
    for study in (
        RandomToSingle(),
        RandomToMixture(),
        DrawnFlips(),
        Untrained(),
        NarrowEmbedding(),
        LargeNet(),
        SmallOrBrief(),
        LongPrefix(),
        BeyondTuningLength(),
        SufficientStatistics(),
        OffDistribution(),
        UnsupportedTarget(),
        Forgetting(),
        Order(),
        NewAttention(),
        Elicit(),
        Compose(),
        EqualParameters(),
        Universality(),
        Suffix(),
        TinyLanguageReads(),
        FirstToken(),
        Depth(),
        Reparametrisation(),
        PlacementMatters(),
        Initialisation(),
        LowData(),
        Length(),
        PriorsMove(),
        Collapse(),
        Transfers(),
        TaskClusters(),
        Localisation(),
        Waywardness(),
        Belongs(),
        RetrieverOrPrompt(),
    )
}

__all__ = [
    "FAST",
    "PAPER",
    "PRESETS",
    "STUDIES",
    "AbstractStudy",
    "Preset",
    "estimate_seconds",
    "list_missing",
    "make_result",
    "read_kept_result",
]
