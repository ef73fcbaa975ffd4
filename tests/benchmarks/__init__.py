"""Are figures published rightly?"""
