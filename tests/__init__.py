"""Does the package keep its promises? One folder a room of the library, and one for each thing around it."""

from pathlib import Path

PROJECT = Path(__file__).parents[1]
