# One item of it names the region that takes writes; none is the home region. A table of its own, so that nothing but
# an operator can write it. Its replica is what makes a region that comes back know that it is not its turn.
module "switch" {
  source = "../table"

  creator      = var.creator
  name         = "region"
  protect_data = false # without an item the home region takes writes, as it has to
  tags         = var.tags
}
