"""Does every history of a living instance deliver every event to its interval's file, once?"""
