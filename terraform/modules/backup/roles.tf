# What AWS Backup copies and restores as. Its managed policies reach every resource of the account and every service;
# these do what DynamoDB needs, with the creator's tables:
# https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.creator.account_id } }
    }]
  })

  key_statements = [for key in var.creator.key == null ? [] : [var.creator.key] : {
    Effect   = "Allow"
    Action   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    Resource = [key.arn]
  }]
}

resource "aws_iam_role" "backup" {
  name               = "${var.creator.slug}-backup"
  description        = "Copies tables of ${var.creator.slug}"
  assume_role_policy = local.trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "backup" {
  name = "backup"
  role = aws_iam_role.backup.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Effect   = "Allow"
        Action   = ["dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"]
        Resource = ["${local.tables}*"]
      },
      {
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"]
        Resource = ["${local.tables}*/backup/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
        Resource = [aws_backup_vault.this.arn]
      },
    ], local.key_statements)
  })
}

resource "aws_iam_role" "restore" {
  name               = "${var.creator.slug}-restore"
  description        = "Restores tables of ${var.creator.slug}"
  assume_role_policy = local.trust
  tags               = var.tags
}

# A restore never writes to a table that is there: the name has to be free.
resource "aws_iam_role_policy" "restore" {
  name = "restore"
  role = aws_iam_role.restore.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Effect = "Allow"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem",
          "dynamodb:Query", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:Scan", "dynamodb:UpdateItem",
        ]
        Resource = ["${local.tables}*", local.drilled]
      },
      {
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup"]
        Resource = ["${local.tables}*/backup/*"]
      },
    ], local.key_statements)
  })
}
