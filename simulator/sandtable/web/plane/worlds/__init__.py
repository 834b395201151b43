"""Operations on whole worlds: which there are, what one is put back to, and as which file it is kept."""
