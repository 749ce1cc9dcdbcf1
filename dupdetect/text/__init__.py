"""From bytes to tokens: reading, repair, sentences, tokens; offsets lead back to what was read."""
