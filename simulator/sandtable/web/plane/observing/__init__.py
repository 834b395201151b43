"""Operations that change nothing: what was asked and answered, and why."""
