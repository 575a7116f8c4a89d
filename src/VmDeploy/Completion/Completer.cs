using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>
/// Completes an argument. At the prompt nothing is worse than an error or a wait: what fails or takes longer than
/// a second completes to nothing.
/// </summary>
internal abstract class Completer : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(900);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_patience);
            var word = wordToComplete.Trim('\'', '"');
            Func<string, bool>? typed = word.Length == 0 ? null : WildcardPattern.Get(word + "*", WildcardOptions.IgnoreCase).IsMatch;
            var work = Find(fakeBoundParameters, typed);
            var found = Task.Run(() => work(limit.Token), CancellationToken.None);
            if (!found.Wait((int)s_patience.TotalMilliseconds))
                return [];
            return found.Result.Where(one => typed is null || one.Aliases.Prepend(one.Name).Any(typed)).Select(one => one.ToResult()).ToList();
        }
        catch (Exception e) when (e is AggregateException or VmDeployException or RuntimeException)
        {
            return [];
        }
    }

    /// <summary>On the pipeline thread, prepares the search that then runs on the pool.</summary>
    /// <param name="bound">The other parameters.</param>
    /// <param name="typed">Whether a name fits what was typed, or null when nothing was; for a search that is shorter with it.</param>
    internal abstract Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed);
}
