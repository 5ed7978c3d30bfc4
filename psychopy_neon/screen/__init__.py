"""Where on the window somebody looks: tags, scene camera, tag detector, mapping. Pure geometry.

Only numpy and ``cv2`` are needed; nothing here opens a socket, starts a thread or reads a clock.
Import from the modules: `psychopy_neon.screen.markers`, ``surface``, ``camera``, ``detector``,
``pose``, ``mapper``.
"""
