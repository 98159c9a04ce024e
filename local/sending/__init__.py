"""Files on their way: uploading them, following them, and saying what became of them."""
