"""`make soak`: the whole product on this machine, its processes killed and its wires cut, and what came of it."""
