namespace VmDeploy.Simulator.Xapi;

/// <summary>A failure as xapi reports it: a code and its parameters.</summary>
internal sealed class XapiFailure(string code, params string[] parameters) : Exception($"{code} [{string.Join(", ", parameters)}]")
{
    public string Code { get; } = code;

    public IReadOnlyList<string> Description { get; } = [code, .. parameters];
}
