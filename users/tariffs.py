"""What a tariff allows. A feature is written `module::feature`; one without module belongs to `core` (contract 4.6)."""

from users.models import Tariff


def has_feature(tariff: Tariff | None, feature: str) -> bool:
    """`feature` with its module, e.g. `core::call_in`. No tariff forbids nothing."""
    if tariff is None:
        return True
    disabled = {name if "::" in name else f"core::{name}" for name in tariff.disabled_features}
    return feature not in disabled and feature.partition("::")[0] not in tariff.disabled_modules
