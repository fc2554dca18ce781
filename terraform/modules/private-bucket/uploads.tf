# A browser asks before it posts a presigned form to another host; the form itself is the permission to upload.
resource "aws_s3_bucket_cors_configuration" "this" {
  count = length(var.upload_origins) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this.id

  cors_rule {
    allowed_methods = ["POST"]
    allowed_origins = var.upload_origins
    allowed_headers = ["content-type"]
    max_age_seconds = 3600
  }
}

resource "aws_lambda_permission" "notify" {
  count = var.notify == null ? 0 : 1

  statement_id   = "bucket"
  action         = "lambda:InvokeFunction"
  function_name  = var.notify.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.this.arn
  source_account = var.notify.account_id # a bucket's ARN names no account, and a name that is free can be taken by others
}

resource "aws_s3_bucket_notification" "this" {
  count = var.notify == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  lambda_function {
    id                  = "created"
    lambda_function_arn = var.notify.function_arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = var.notify.prefix
  }

  depends_on = [aws_lambda_permission.notify]
}
