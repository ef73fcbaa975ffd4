"""OpenPGP: keys as people make them, files as GnuPG opens them."""
