"""What was delivered, when, after how many attempts, and why not?"""

from event_delivery.ledger.deliveries import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]
