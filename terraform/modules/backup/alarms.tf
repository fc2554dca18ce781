# AWS' own count of backups, without any function of ours: whatever breaks, two days without one are noticed. Until
# the first night it says so, too: there is no backup yet.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
resource "aws_cloudwatch_metric_alarm" "no_backup" {
  alarm_name          = "${var.creator.slug}-backup-none"
  alarm_description   = "No table of ${var.creator.slug} was backed up for two days"
  namespace           = "AWS/Backup"
  metric_name         = "NumberOfBackupJobsCompleted"
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  tags                = var.tags

  dimensions = {
    BackupVaultName = aws_backup_vault.this.name
  }
}

resource "aws_cloudwatch_metric_alarm" "problems" {
  alarm_name          = "${var.creator.slug}-backup-problems"
  alarm_description   = "A backup or a restore of ${var.creator.slug} failed, a table has no fresh backup, or restores are not tried: GET /backups and the logs of watch_backups and drill_restores say which"
  namespace           = "fleet"
  metric_name         = "BackupProblems"
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "backup"
  }
}
