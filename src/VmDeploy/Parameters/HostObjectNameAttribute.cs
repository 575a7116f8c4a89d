namespace VmDeploy.PowerShell;

/// <summary>
/// Accepts the name of something that a host has, or the object itself, which stands for its name and keeps its session. An object of
/// another kind is refused.
/// </summary>
/// <param name="types">The kinds, for example <see cref="VmDatastore"/>.</param>
public sealed class HostObjectNameAttribute(params Type[] types) : PlainTextAttribute
{
    /// <inheritdoc/>
    protected override string Wanted => $"The name of a {types[0].Name}";

    /// <inheritdoc/>
    protected override object? Convert(object? value) =>
        PlainValue.Of(value) is not { } given || HostObjectText.SessionOf(given) is null ? base.Convert(value)
        : Array.Exists(types, type => type.IsInstanceOfType(given)) ? HostObjectText.Of(given)
        : throw Refusal($"'{given}' is a {given.GetType().Name}, not a {types[0].Name}.");
}
