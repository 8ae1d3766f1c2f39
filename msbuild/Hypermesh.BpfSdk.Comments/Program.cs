using Hypermesh.BpfSdk.Comments;

return CommentService.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.OpenStandardError());
