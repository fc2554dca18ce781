locals {
  secrets = {
    secret_key     = { name = "/${var.creator.slug}/membership/stripe-secret-key", what = "Stripe's secret key (sk_… or a restricted rk_…)" }
    webhook_secret = { name = "/${var.creator.slug}/membership/stripe-webhook-secret", what = "The signing secret (whsec_…) of the endpoint POST /membership/stripe-webhook in Stripe's dashboard" }
  }
}

# A placeholder, write-only: what a person puts in its place is neither read back nor kept in the state.
resource "aws_ssm_parameter" "stripe" {
  # checkov:skip=CKV_AWS_337:A key of the customer's own costs $1 a month and guards against nobody that the account does not

  for_each = local.secrets

  name             = each.value.name
  description      = "${each.value.what} of ${var.creator.slug}"
  type             = "SecureString"
  value_wo         = "not-set"
  value_wo_version = 1
  tags             = var.tags
}
