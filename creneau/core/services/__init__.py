"""What fronts and jobs call: each method is one promise in one transaction. No rule lives here."""
