"""Native recording folders, as the phone writes them: their layout, reading and writing."""
