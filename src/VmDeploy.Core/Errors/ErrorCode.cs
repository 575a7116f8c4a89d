namespace VmDeploy;

/// <summary>One row of the error table: what a caller can match on, and what the user should do.</summary>
/// <param name="Id">The error id; part of the public interface, never changed once published.</param>
/// <param name="Kind">The category.</param>
/// <param name="Advice">The way out, one or two sentences.</param>
public sealed record ErrorCode(string Id, ErrorKind Kind, string Advice);
