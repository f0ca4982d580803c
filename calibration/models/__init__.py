from calibration.models.agreement import AgreementSnapshot as AgreementSnapshot
from calibration.models.gold import GoldCase as GoldCase
from calibration.models.gold import GoldRating as GoldRating
from calibration.models.releases import GoldenSet as GoldenSet
from calibration.models.releases import Release as Release
from calibration.models.releases import ReleaseLine as ReleaseLine
