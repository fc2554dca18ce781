# The replica has the first bucket's rules. What is deleted there is deleted here: a picture that was taken down
# must not come back because a region is away.
module "bucket" {
  source    = "../private-bucket"
  providers = { aws = aws.standby }

  bucket        = "${var.bucket}-standby"
  key           = var.key == null ? null : { arn = var.key.standby_arn }
  force_destroy = true # everything in it is in the first bucket, too
  tags          = var.tags

  service_access = var.has_distribution ? [{
    sid        = "CloudFrontReads"
    service    = "cloudfront.amazonaws.com"
    actions    = ["s3:GetObject"]
    keys       = "${var.prefix}*"
    source_arn = var.distribution_arn
  }] : []
}

locals {
  bucket_arn = "arn:aws:s3:::${var.bucket}"
}

resource "aws_iam_role" "replication" {
  name        = "${var.bucket}-replication"
  description = "Copies ${var.bucket} into the second region"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = local.bucket_arn }, StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
resource "aws_iam_role_policy" "replication" {
  name = "replication"
  role = aws_iam_role.replication.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Effect = "Allow", Action = ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource = [local.bucket_arn] },
        {
          Effect   = "Allow"
          Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
          Resource = ["${local.bucket_arn}/${var.prefix}*"]
        },
        {
          Effect   = "Allow"
          Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
          Resource = ["${module.bucket.bucket_arn}/${var.prefix}*"]
        },
      ],
      [for key in var.key == null ? [] : [var.key] : {
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [key.arn]
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      }],
      [for key in var.key == null ? [] : [var.key] : {
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = [key.standby_arn]
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      }],
    )
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = var.bucket
  role   = aws_iam_role.replication.arn

  rule {
    id     = "second-region"
    status = "Enabled"

    filter {
      prefix = var.prefix
    }

    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.key == null ? [] : [var.key]

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = module.bucket.bucket_arn

      dynamic "encryption_configuration" {
        for_each = var.key == null ? [] : [var.key]

        content {
          replica_kms_key_id = encryption_configuration.value.standby_arn
        }
      }
    }
  }

  # S3 looks at the versioning of both buckets, and the role has to be allowed what it is for from the first object on.
  depends_on = [module.bucket, aws_iam_role_policy.replication]
}
