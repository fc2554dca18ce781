locals {
  stream   = "${var.creator.slug}-analytics"
  prefixes = [for prefix in ["events", "errors"] : "${module.events.bucket_arn}/${prefix}/*"]
}

# What Firehose needs to put objects below its two prefixes and to say why it could not:
# https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
resource "aws_iam_role" "delivery" {
  name        = "${local.stream}-delivery"
  description = "Delivers page views of ${var.creator.slug} into their bucket"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "firehose.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.creator.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "delivery" {
  name = "delivery"
  role = aws_iam_role.delivery.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
          Resource = local.prefixes
        },
        {
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
          Resource = [module.events.bucket_arn]
        },
        {
          Effect   = "Allow"
          Action   = ["logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.delivery.arn}:log-stream:${aws_cloudwatch_log_stream.delivery.name}"]
        },
      ],
      [for key in var.creator.key == null ? [] : [var.creator.key] : {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [key.arn]
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      }],
    )
  })
}

resource "aws_cloudwatch_log_group" "delivery" {
  name              = "/aws/kinesisfirehose/${local.stream}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "delivery" {
  name           = "delivery"
  log_group_name = aws_cloudwatch_log_group.delivery.name
}

# A day is a folder as Hive names it, so that the catalogue needs no crawler to find it.
resource "aws_kinesis_firehose_delivery_stream" "events" {
  # checkov:skip=CKV_AWS_241:AWS' own key encrypts what waits for minutes; a key of the creator's own costs $1 a month

  name        = local.stream
  destination = "extended_s3"
  tags        = var.tags

  server_side_encryption {
    enabled  = true
    key_type = "AWS_OWNED_CMK"
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = module.events.bucket_arn
    prefix              = "events/day=!{timestamp:yyyy-MM-dd}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/"
    buffering_interval  = 300
    buffering_size      = 5
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery.name
    }
  }

  depends_on = [aws_iam_role_policy.delivery]
}

# Firehose takes events while it cannot deliver them, tries for a day, and drops them without telling anybody.
resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${local.stream}-undelivered"
  alarm_description   = "Page views of ${var.creator.slug} have waited for an hour and are lost after a day: they cannot be put into their bucket"
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.DataFreshness"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 3600
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    DeliveryStreamName = aws_kinesis_firehose_delivery_stream.events.name
  }
}
