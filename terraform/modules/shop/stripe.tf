locals {
  secrets = {
    secret_key     = { name = "/${var.creator.slug}/shop/stripe-secret-key", what = "Stripe's secret key (sk_… or a restricted rk_…)" }
    webhook_secret = { name = "/${var.creator.slug}/shop/stripe-webhook-secret", what = "The signing secret (whsec_…) of the endpoint POST /stripe/webhook in Stripe's dashboard" }
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

# What does not fit together about a payment is marked for an operator, who has to learn of it.
resource "aws_cloudwatch_metric_alarm" "flagged" {
  alarm_name          = "${var.creator.slug}-shop-orders-flagged"
  alarm_description   = "A payment or refund of the shop of ${var.creator.slug} does not fit its order: list GET /orders?status=review"
  namespace           = "fleet"
  metric_name         = "OrdersFlagged"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "shop"
  }
}
