locals {
  vault   = aws_backup_vault.this.arn
  drills  = module.drills.arn
  drilled = "arn:aws:dynamodb:*:${var.creator.account_id}:table/drill-${var.creator.slug}-*"

  reads_points = { actions = ["backup:ListRecoveryPointsByBackupVault"], resources = [local.vault] }
  lists_tables = { actions = ["dynamodb:ListTables"], resources = ["*"] }

  # What each function answers, who may call it, and all that it may do.
  functions = {
    show_backups = {
      description = "Shows backups and drills"
      routes      = { "GET /backups" = "operator" }
      permissions = [
        local.reads_points,
        local.lists_tables,
        { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [local.drills] },
      ]
    }
    watch_backups = {
      description = "Notices backups that fail or are missing"
      timeout     = 60
      schedule    = "cron(45 11 * * ? *)" # when the night's backups have ended, or have not
      events = {
        backup_failed  = jsonencode({ source = ["aws.backup"], detail-type = ["Backup Job State Change"], detail = { state = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"] } })
        restore_failed = jsonencode({ source = ["aws.backup"], detail-type = ["Restore Job State Change"], detail = { status = ["ABORTED", "FAILED"] } })
      }
      permissions = [
        local.reads_points,
        local.lists_tables,
        { actions = ["dynamodb:DescribeTable"], resources = ["${local.tables}*"] },
        { actions = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], resources = [local.drills] },
      ]
    }
    drill_restores = {
      description = "Restores tables to see that it works"
      timeout     = 900
      memory      = 1024
      schedule    = "rate(1 hour)"
      events = {
        restored = jsonencode({ source = ["aws.backup"], detail-type = ["Restore Job State Change"], detail = { status = ["COMPLETED"] } })
      }
      permissions = [
        local.reads_points,
        local.lists_tables,
        { actions = ["backup:StartRestoreJob"], resources = ["arn:aws:backup:*:${var.creator.account_id}:recovery-point:*", "${local.tables}*/backup/*"] },
        {
          actions    = ["iam:PassRole"]
          resources  = [aws_iam_role.restore.arn]
          conditions = { StringEquals = { "iam:PassedToService" = "backup.amazonaws.com" } }
        },
        { actions = ["dynamodb:DescribeTable", "dynamodb:Scan"], resources = ["${local.tables}*", local.drilled] },
        { actions = ["dynamodb:DeleteTable"], resources = [local.drilled] },
        { actions = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], resources = [local.drills] },
        { actions = ["cloudwatch:GetMetricData"], resources = ["*"] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "backup"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    DRILLS_TABLE     = module.drills.name
    VAULT            = aws_backup_vault.this.name
    RESTORE_ROLE_ARN = aws_iam_role.restore.arn
    DRILL            = var.settings.drill
    NOT_BACKED_UP    = jsonencode([for name in local.left_out : "${var.creator.slug}-${name}"])
  }
}
