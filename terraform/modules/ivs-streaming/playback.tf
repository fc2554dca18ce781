# Playback for members: the private half never leaves KMS, IVS gets the public half.
resource "aws_kms_key" "playback" {
  # checkov:skip=CKV_AWS_7:KMS rotates symmetric keys only

  count = var.authorized_playback ? 1 : 0

  description              = "Signs playback tokens of ${var.creator.slug}"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P384" # ES384, the one algorithm of IVS
  deletion_window_in_days  = 7               # tokens live for minutes: a lost key is made anew
  tags                     = var.tags

  # Roles of the account get what their own policies give them.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountAdministers"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.creator.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

data "aws_kms_public_key" "playback" {
  count = var.authorized_playback ? 1 : 0

  key_id = aws_kms_key.playback[0].arn
}

resource "aws_ivs_playback_key_pair" "this" {
  count = var.authorized_playback ? 1 : 0

  name       = var.creator.slug
  public_key = data.aws_kms_public_key.playback[0].public_key_pem
  tags       = var.tags
}
