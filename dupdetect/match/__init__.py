"""From sketches to relations: candidates, exact verification, resemblance, families."""
