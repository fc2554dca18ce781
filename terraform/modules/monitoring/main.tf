data "aws_region" "current" {}

locals {
  # What is watched is watched from where it is, whichever region takes writes.
  creator = merge(var.creator, { failover = null })

  region = data.aws_region.current.name
  emails = distinct([for address in concat([var.contact], var.settings.emails) : lower(address)])
}

# What has to be told and by which channels it was, and what alarms told last. It heals itself: without it a notice
# may come twice. Backups of it are of no use for longer than a day.
module "table" {
  source = "../table"

  creator       = local.creator
  name          = "monitoring"
  recovery_days = 1
  protect_data  = var.protect_data
  tags          = var.tags
}

# For people: only notify writes to it, in words, and everybody who has confirmed gets e-mail. Encrypted by SNS' own
# key, which costs nothing.
resource "aws_sns_topic" "notices" {
  name              = "${var.creator.slug}-notices"
  kms_master_key_id = "alias/aws/sns"
  tags              = var.tags
}

resource "aws_sns_topic_policy" "notices" {
  arn = aws_sns_topic.notices.arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.tls_only, { Resource = aws_sns_topic.notices.arn })]
  })
}

# AWS asks the address first. Nothing waits for the answer: until then the subscription is pending.
resource "aws_sns_topic_subscription" "email" {
  for_each = toset(local.emails)

  topic_arn = aws_sns_topic.notices.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sns:Publish"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  secrets = merge(
    var.settings.slack ? {
      slack = { name = "/${var.creator.slug}/monitoring/slack-webhook", what = "The URL (https://hooks.slack.com/services/…) of an incoming webhook of Slack" }
    } : {},
    var.settings.telegram_chat != null ? {
      telegram = { name = "/${var.creator.slug}/monitoring/telegram-token", what = "The token of the Telegram bot (from @BotFather), which has to be in the chat" }
    } : {},
  )
}

# A placeholder, write-only: what a person puts in its place is neither read back nor kept in the state.
resource "aws_ssm_parameter" "channel" {
  # checkov:skip=CKV_AWS_337:A key of the customer's own costs $1 a month and guards against nobody that the account does not

  for_each = local.secrets

  name             = each.value.name
  description      = "${each.value.what}, of ${var.creator.slug}"
  type             = "SecureString"
  value_wo         = "not-set"
  value_wo_version = 1
  tags             = var.tags
}
