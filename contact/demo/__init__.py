"""An invented outsourcer and three invented administrations, to try the product with."""

from contact.demo.loader import Chat, Demo, DemoExists, Login, describe, load

__all__ = ["Chat", "Demo", "DemoExists", "Login", "describe", "load"]
