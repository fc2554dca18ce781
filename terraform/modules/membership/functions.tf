locals {
  table    = module.members.arn
  by_state = module.members.index_arns.gsi1

  # Reading decrypts, too: the key aws/ssm lets everybody in the account use it who may read the parameter.
  # https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
  stripe_key     = { actions = ["ssm:GetParameter"], resources = [aws_ssm_parameter.stripe["secret_key"].arn] }
  webhook_secret = { actions = ["ssm:GetParameter"], resources = [aws_ssm_parameter.stripe["webhook_secret"].arn] }

  # A transaction needs the permissions of its parts:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  keep_member = { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], resources = [local.table] }

  # What each function answers, who may call it, and all that it may do.
  functions = {
    get_membership = {
      description = "Shows the tiers, and members what they have"
      routes = {
        "GET /membership/tiers" = "public"
        "GET /membership/me"    = "member"
      }
      timeout     = 5
      permissions = [{ actions = ["dynamodb:GetItem"], resources = [local.table] }]
    }
    manage_subscription = {
      description = "Leads members to Stripe's pages"
      routes = {
        "POST /membership/checkout" = "member"
        "POST /membership/portal"   = "member"
      }
      throttle    = { rate = 5, burst = 10 } # Stripe's own limit is 25 requests a second in test mode
      timeout     = 25
      permissions = [local.keep_member, local.stripe_key]
    }
    membership_webhook = {
      description = "Looks at Stripe anew when it tells of a change"
      routes      = { "POST /membership/stripe-webhook" = "public" }
      throttle    = { rate = 25, burst = 50 }
      timeout     = 25
      permissions = [local.keep_member, local.stripe_key, local.webhook_secret]
    }
    manage_members = {
      description = "Shows members and figures to operators"
      routes = {
        "GET /membership/members" = "operator"
        "GET /membership/figures" = "operator"
      }
      timeout     = 25
      permissions = [{ actions = ["dynamodb:Query"], resources = [local.by_state] }]
    }
    reconcile_members = {
      description = "Looks at Stripe for whose time is over"
      schedule    = "rate(1 hour)"
      timeout     = 300
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.by_state] },
        local.keep_member,
        local.stripe_key,
      ]
    }
    membership_privacy = {
      description = "Exports and erases what is kept of one person"
      background  = true # operators call it
      timeout     = 120
      permissions = [local.keep_member, local.stripe_key]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "membership"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    MEMBERSHIP_TABLE         = module.members.name
    CURRENCY                 = var.settings.currency
    TIERS                    = jsonencode(var.settings.tiers)
    GRACE_DAYS               = tostring(var.settings.grace_days)
    STRIPE_KEY_PARAMETER     = aws_ssm_parameter.stripe["secret_key"].name
    WEBHOOK_SECRET_PARAMETER = aws_ssm_parameter.stripe["webhook_secret"].name
    STRIPE_API_BASE          = var.stripe_api_base == null ? "" : var.stripe_api_base
  }
}
