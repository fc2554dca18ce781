mock_provider "aws" {
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-drills" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:kasper" }
  }
}

override_resource {
  target = aws_iam_role.restore
  values = { arn = "arn:aws:iam::111122223333:role/kasper-restore" }
}

override_resource {
  target = aws_iam_role.backup
  values = { arn = "arn:aws:iam::111122223333:role/kasper-backup" }
}

variables {
  settings        = { retention_days = 35, drill = "monthly" }
  enabled_modules = ["contact-form", "shop", "polls", "backup"]
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "backup/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "copies_every_table_but_what_must_not_live_on" {
  assert {
    condition = jsonencode({
      for name, selection in aws_backup_selection.tables : name => {
        tables = sort(selection.resources)
        but    = sort(selection.not_resources)
        days   = one(aws_backup_plan.this[name].rule).lifecycle[0].delete_after
      }
      }) == jsonencode({
      daily = {
        tables = ["arn:aws:dynamodb:*:111122223333:table/kasper-*"]
        but    = [for name in ["analytics-visits", "contact", "drills", "monitoring", "polls", "region"] : "arn:aws:dynamodb:*:111122223333:table/kasper-${name}"]
        days   = 35
      }
      brief = {
        tables = ["arn:aws:dynamodb:*:111122223333:table/kasper-polls"]
        but    = []
        days   = 7
      }
    })
    error_message = "All tables are copied; votes are kept for a week, and what is forgotten within a day is left out."
  }

  assert {
    condition     = alltrue([for plan in aws_backup_plan.this : one(plan.rule).schedule == "cron(15 3 * * ? *)" && one(plan.rule).target_vault_name == "kasper"])
    error_message = "Every night, into the one vault."
  }

  assert {
    condition = (
      !aws_backup_vault.this.force_destroy
      && jsondecode(aws_backup_vault_policy.this[0].policy).Statement[0].Effect == "Deny"
      && contains(jsondecode(aws_backup_vault_policy.this[0].policy).Statement[0].Action, "backup:DeleteRecoveryPoint")
      && jsondecode(aws_backup_vault_policy.this[0].policy).Statement[0].Condition == { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/kasper-backup" } }
    )
    error_message = "Nobody but AWS Backup deletes a backup while data is real."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.no_backup.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.no_backup.evaluation_periods == 2
      && aws_cloudwatch_metric_alarm.no_backup.dimensions == tomap({ BackupVaultName = "kasper" })
      && aws_cloudwatch_metric_alarm.problems.metric_name == "BackupProblems"
    )
    error_message = "Two days without a backup are noticed though nothing of ours runs."
  }

  assert {
    condition = (
      local.functions.show_backups.routes == { "GET /backups" = "operator" } && !can(local.functions.watch_backups.routes) && !can(local.functions.drill_restores.routes)
      && toset(keys(local.functions.watch_backups.events)) == toset(["backup_failed", "restore_failed"])
      && jsondecode(local.functions.drill_restores.events.restored).detail == { status = ["COMPLETED"] }
      && module.functions.environment.NOT_BACKED_UP == jsonencode(["kasper-analytics-visits", "kasper-contact", "kasper-drills", "kasper-monitoring", "kasper-region"])
    )
    error_message = "Operators look; failed jobs and ended restores call the functions."
  }
}

run "everybody_may_do_what_they_need_and_no_more" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : join(" ", statement.Action) => statement.Resource } == {
      "dynamodb:CreateBackup dynamodb:DescribeTable dynamodb:ListTagsOfResource dynamodb:StartAwsBackupJob" = ["arn:aws:dynamodb:*:111122223333:table/kasper-*"]
      "dynamodb:DeleteBackup dynamodb:DescribeBackup"                                                       = ["arn:aws:dynamodb:*:111122223333:table/kasper-*/backup/*"]
      "backup:CopyIntoBackupVault backup:DescribeBackupVault"                                               = ["arn:aws:backup:eu-central-1:111122223333:backup-vault:kasper"]
    }
    error_message = "What copies can write to no table."
  }

  assert {
    condition = alltrue([for role in [aws_iam_role.backup, aws_iam_role.restore] : jsondecode(role.assume_role_policy).Statement[0].Principal == { Service = "backup.amazonaws.com" }]) && alltrue([
      for statement in jsondecode(aws_iam_role_policy.restore.policy).Statement : alltrue([for resource in statement.Resource : can(regex("table/(drill-)?kasper-\\*", resource))])
    ])
    error_message = "Restores are of the creator's tables and their trials, by AWS Backup alone."
  }

  assert {
    condition = alltrue([
      for permission in local.functions.drill_restores.permissions : permission.resources == ["arn:aws:dynamodb:*:111122223333:table/drill-kasper-*"]
      if contains(permission.actions, "dynamodb:DeleteTable")
      ]) && [
      for permission in local.functions.drill_restores.permissions : permission.resources if contains(permission.actions, "iam:PassRole")
    ] == [["arn:aws:iam::111122223333:role/kasper-restore"]]
    error_message = "A drill can delete nothing but what drills restored, and restores as the role for it."
  }

  assert {
    condition = alltrue(flatten([for name in ["show_backups", "watch_backups"] : [for permission in local.functions[name].permissions : [
      for action in permission.actions : contains(["backup:ListRecoveryPointsByBackupVault", "dynamodb:ListTables", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], action)
    ]]]))
    error_message = "Who looks changes nothing but its own note."
  }
}

run "may_be_given_up_and_encrypted_with_the_creators_key" {
  command = plan

  variables {
    protect_data    = false
    enabled_modules = ["shop", "backup"]
    creator = {
      slug       = "kasper"
      name       = "Kasper Kast"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
      key        = { arn = "arn:aws:kms:eu-central-1:111122223333:key/0123" }
    }
  }

  assert {
    condition     = aws_backup_vault.this.force_destroy && length(aws_backup_vault_policy.this) == 0 && keys(aws_backup_plan.this) == ["daily"]
    error_message = "The vault goes with its backups, and no table is named that is not there."
  }

  assert {
    condition     = aws_backup_vault.this.kms_key_arn == "arn:aws:kms:eu-central-1:111122223333:key/0123" && local.key_statements[0].Resource == ["arn:aws:kms:eu-central-1:111122223333:key/0123"]
    error_message = "The creator's own key encrypts the vault."
  }
}

run "refuses_what_is_no_setting" {
  command = plan

  variables {
    settings = { retention_days = 0, drill = "daily" }
  }

  expect_failures = [var.settings]
}
