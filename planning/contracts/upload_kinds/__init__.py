"""The files of contracts: the register, the services' shares, and prices."""
