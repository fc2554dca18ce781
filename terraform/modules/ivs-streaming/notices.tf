# Live notices. Encrypted by SNS' own key, which costs nothing; whoever may publish may use it.
resource "aws_sns_topic" "live" {
  count = var.live_notice ? 1 : 0

  name              = "${var.creator.slug}-live"
  kms_master_key_id = "alias/aws/sns"
  tags              = var.tags
}

resource "aws_sns_topic_policy" "live" {
  count = var.live_notice ? 1 : 0

  arn = aws_sns_topic.live[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.live[0].arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# AWS asks the address first. Nothing waits for the answer: until then the subscription is pending.
resource "aws_sns_topic_subscription" "contact" {
  count = var.live_notice ? 1 : 0

  topic_arn = aws_sns_topic.live[0].arn
  protocol  = "email"
  endpoint  = var.contact
}
