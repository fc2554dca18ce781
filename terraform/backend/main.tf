# Terraform locks the state with an object beside it (use_lockfile), so that there is no table to keep.
# Not modules/private-bucket: prevent_destroy has to be written down where the bucket is.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:Who changed the state is in the journal of runs, and every version is kept
  # checkov:skip=CKV_AWS_144:State describes one region and is of no use without it
  # checkov:skip=CKV2_AWS_61:Every version is kept, see below

  bucket = var.bucket

  lifecycle {
    prevent_destroy = true
  }
}

# Every version is kept: a state is about 200 kB, so ten thousand versions cost five cents a month, and a
# lifecycle rule would make the first plan of every creator wait for a minute.
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
