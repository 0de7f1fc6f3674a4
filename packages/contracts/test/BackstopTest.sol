// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {BackstopTerms} from "../contracts/BackstopTerms.sol";
import {Tranche} from "../contracts/Tranche.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev A venue with a backstop: 20,000 of Jane's in junior, 50,000 of Sam's in senior, 5,000 in the fund. Lots of 10,000,
///      a discount of up to 5 %, or 10 % while n is high, in 600 s.
abstract contract BackstopTest is VenueTest {
    address internal jane = address(0x1a4e);
    address internal sam = address(0x5a3);
    address internal carol = address(0xca201);
    address internal reporter = address(0x4e9);
    Backstop internal backstop;
    Tranche internal junior;
    Tranche internal senior;

    function deployBackstop() internal {
        deployBackstopWith(0);
    }

    /// @param callerPpm Of the penalty, for who calls.
    function deployBackstopWith(uint32 callerPpm) internal {
        deployVenue();
        BackstopTerms.Terms memory t = backstopTerms();
        t.callerPpm = callerPpm;
        backstop = new Backstop(venue, t, owner, guardian);
        (junior, senior) = (backstop.junior(), backstop.senior());
        vm.startPrank(owner);
        venue.appoint(address(0), address(backstop));
        backstop.setReporter(reporter);
        vm.stopPrank();
        supply(junior, jane, 20_000e6);
        supply(senior, sam, 50_000e6);
        usdc.mint(address(backstop), 5_000e6);
    }

    function backstopTerms() internal pure returns (BackstopTerms.Terms memory) {
        return BackstopTerms.Terms({
            lotNotional: 10_000e18,
            inventoryPpm: 2_000_000,
            penaltyPpm: 20_000,
            callerPpm: 0,
            juniorLowPpm: 600_000,
            juniorHighPpm: 900_000,
            discountLowPpm: 50_000,
            discountHighPpm: 100_000,
            auctionSeconds: 600,
            reportSeconds: 1 hours,
            cooldownSeconds: 3 days,
            exitSeconds: 2 days
        });
    }

    function supply(Tranche tranche, address who, uint256 amount) internal {
        usdc.mint(who, amount);
        vm.startPrank(who);
        usdc.approve(address(tranche), amount);
        tranche.deposit(amount, who);
        vm.stopPrank();
    }

    function queue(address account, bytes32 market) internal pure returns (BackstopQueue.Winner[] memory list) {
        list = new BackstopQueue.Winner[](1);
        list[0] = BackstopQueue.Winner(account, market);
    }

    function fresh(int256 price) internal {
        eth.set(price);
        btc.set(40_000e8);
    }

    function worth(Tranche tranche, address who) internal view returns (uint256) {
        return tranche.convertToAssets(tranche.balanceOf(who) + tranche.requestOf(who).shares);
    }
}
