output "layer_arn" {
  description = "ARN of the layer's newest version."
  value       = aws_lambda_layer_version.this.arn
}

output "bucket_id" {
  description = "Name of the bucket that holds the artifacts."
  value       = module.bucket.bucket_id
}

output "packages" {
  description = "Where each package's code lies, and its SHA-256 in base64, by module name."
  value = {
    for name in keys(var.packages) : name => {
      bucket = aws_s3_object.this[name].bucket
      key    = aws_s3_object.this[name].key
      hash   = local.hashes[name]
    }
  }
}
