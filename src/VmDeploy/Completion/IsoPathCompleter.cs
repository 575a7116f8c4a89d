namespace VmDeploy.PowerShell;

/// <summary>ISO files that the host has; they can be found by their names too. Without a match PowerShell completes local files.</summary>
internal sealed class IsoPathCompleter : SessionCompleter
{
    protected override async Task<IEnumerable<Completion>> FindAsync(
        VmSession session, Func<string, bool>? typed, CancellationToken cancellationToken) =>
        (await session.Choices.GetIsosAsync(Word, cancellationToken)).Select(path =>
            new Completion(path) { Aliases = [path.Substring(path.LastIndexOfAny(['/', ' ']) + 1)] });
}
