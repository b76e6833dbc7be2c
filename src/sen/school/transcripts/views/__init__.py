"""Pages of transcripts: the school's standing, signing, keys, one's own, and the public verifier."""
