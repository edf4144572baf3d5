"""Updates of the program itself: whom it trusts, what it is offered, how it is put in, tried and taken back."""
