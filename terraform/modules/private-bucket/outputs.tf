output "bucket_id" {
  description = "Name of the bucket, known once objects may be put into it."
  value       = aws_s3_bucket.this.id

  # An object that is put before versioning is on is left behind by destroy, which then ends in BucketNotEmpty.
  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "bucket_regional_domain_name" {
  description = "Host name of the bucket in its region."
  value       = aws_s3_bucket.this.bucket_regional_domain_name
}
