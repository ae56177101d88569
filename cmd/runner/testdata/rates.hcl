rate = -3
