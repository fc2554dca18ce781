"""What operators do to a creator in a moment, each told in a journal: no Terraform, no process of its own."""
