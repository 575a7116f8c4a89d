namespace VmDeploy.Simulator.Xapi;

/// <summary>A checked call for its handler.</summary>
/// <param name="Host">The host.</param>
/// <param name="Session">The caller's session.</param>
/// <param name="Class">The class that the method belongs to.</param>
/// <param name="Method">Its definition.</param>
/// <param name="Arguments">As many as the definition has parameters; null for a missing optional one.</param>
/// <param name="Cancellation">Ends with the connection; for a call in a task with the host.</param>
internal sealed record XapiCall(
    XapiHost Host,
    XapiObject Session,
    string Class,
    XapiSchema.Method Method,
    IReadOnlyList<object?> Arguments,
    CancellationToken Cancellation)
{
    public XapiDatabase Database => Host.Database;

    /// <summary>The object that a parameter refers to; HANDLE_INVALID if there is none.</summary>
    public XapiObject Object(int index) =>
        Database.Get(((XapiType.Ref)Method.Parameters[index].Type).Class, (string)Arguments[index]!);

    public string Text(int index) => (string)Arguments[index]!;

    public long Number(int index) => (long)Arguments[index]!;

    public Dictionary<string, object> Record(int index) => (Dictionary<string, object>)Arguments[index]!;
}
