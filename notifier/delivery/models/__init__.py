"""One file a model."""

from notifier.delivery.models.account import Account
from notifier.delivery.models.alert import Alert, AlertKind
from notifier.delivery.models.breaker import Breaker
from notifier.delivery.models.delivery import Delivery, DeliveryState
from notifier.delivery.models.fanned_out import FannedOut
from notifier.delivery.models.stored_receipt import Effect, StoredReceipt

__all__ = ["Account", "Alert", "AlertKind", "Breaker", "Delivery", "DeliveryState", "Effect", "FannedOut", "StoredReceipt"]
