# A creator's own key of one region. The account's root user hands its use on to IAM, as AWS' own default policy does:
# without that statement nobody could change the key, or use it, ever again. Everyone who uses it is named in a
# policy of their own, and only on the way through DynamoDB or S3.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
resource "aws_kms_key" "this" {
  description             = "Tables and buckets of ${var.slug}"
  enable_key_rotation     = true
  deletion_window_in_days = 30 # what it encrypted is lost with it: the longest time to think again that KMS gives
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDelegatesToIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
      # Any distribution of the account: the key is there before the one that reads.
      {
        Sid       = "CloudFrontReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudfront::${var.account_id}:distribution/*" } }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.slug}"
  target_key_id = aws_kms_key.this.key_id
}
