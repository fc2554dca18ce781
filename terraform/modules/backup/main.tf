locals {
  # Tables whose modules keep what was deleted for less than 35 days: no backup must keep it for longer than they do
  # (recovery_days of the module table). What is left out altogether is forgotten within a day, or worth nothing once
  # it is old: messages until they are delivered, visitors of a day, alarms that were told, the switch between two
  # regions, and drills themselves.
  kept_briefly = [for name in ["events", "newsletter", "polls"] : name if contains(var.enabled_modules, name)]
  left_out     = ["analytics-visits", "contact", "drills", "monitoring", "region"]
  brief_days   = 7

  tables = "arn:aws:dynamodb:*:${var.creator.account_id}:table/${var.creator.slug}-"

  # A table that is named and is not there would fail every night.
  plans = { for name, plan in {
    daily = {
      days      = var.settings.retention_days
      resources = ["${local.tables}*"]
      but       = [for name in concat(local.kept_briefly, local.left_out) : "${local.tables}${name}"]
    }
    brief = {
      days      = min(var.settings.retention_days, local.brief_days)
      resources = [for name in local.kept_briefly : "${local.tables}${name}"]
      but       = []
    }
  } : name => plan if length(plan.resources) > 0 }
}

resource "aws_backup_vault" "this" {
  # checkov:skip=CKV_AWS_166:A key of the creator's own costs $1 a month and is a choice of theirs

  name          = var.creator.slug
  kms_key_arn   = var.creator.key == null ? null : var.creator.key.arn
  force_destroy = !var.protect_data
  tags          = var.tags
}

# While data is real nobody deletes a backup before its time: whoever has to takes this policy away first, which is
# seen. AWS Backup's own role deletes what has expired.
resource "aws_backup_vault_policy" "this" {
  count = var.protect_data ? 1 : 0

  backup_vault_name = aws_backup_vault.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NobodyDeletesBackups"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DisassociateRecoveryPoint"]
      Resource  = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.backup.arn } }
    }]
  })
}

resource "aws_backup_plan" "this" {
  for_each = local.plans

  name = "${var.creator.slug}-${each.key}"
  tags = var.tags

  rule {
    rule_name         = each.key
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(15 3 * * ? *)"
    start_window      = 60
    completion_window = 360

    lifecycle {
      delete_after = each.value.days
    }
  }
}

resource "aws_backup_selection" "tables" {
  for_each = local.plans

  name          = each.key
  plan_id       = aws_backup_plan.this[each.key].id
  iam_role_arn  = aws_iam_role.backup.arn
  resources     = each.value.resources
  not_resources = each.value.but

  depends_on = [aws_iam_role_policy.backup]
}

module "drills" {
  source = "../table"

  creator      = var.creator
  name         = "drills"
  protect_data = var.protect_data
  tags         = var.tags
}
