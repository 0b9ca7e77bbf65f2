"""The methods: each has its rows in tokens and a trainer of TRL's for them."""
